"""Everything that is kept: the document, its session file, settings, lists, autosave.

`document` holds recipe and undo, `session` edits it and tells the user; `session_file` and
`json_file` are the files, `autosave` writes them, `seats` keeps two windows apart.
"""
