"""The sidebar's small panels, one section each."""
