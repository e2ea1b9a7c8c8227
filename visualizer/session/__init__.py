"""What is kept: the document, its session file, settings, lists, autosave."""
