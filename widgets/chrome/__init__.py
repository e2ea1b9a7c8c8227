"""Around the panels: menu, shortcuts, dialogs, status bar, tour.

`shortcuts` is the table of all keys, `file_browser` our own file dialog where the system has none.
"""
