"""Services of the loop and its instruments: jobs, dialogs, previews, the render thread's port.

`instrument` says what an instrument is and what it may use; `background` reads and writes files
beside the window, `jobs` runs exports, `render_port` hands recipes to the render thread.
"""
