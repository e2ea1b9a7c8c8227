"""Around the panels: menu, shortcuts, dialogs, status bar, tour."""
