"""Services of the loop and its instruments: jobs, dialogs, previews, the render thread's port.

`instrument` says what an instrument is and what it may use, `action_table` who carries out what
panels ask for; `background` reads and writes files beside the window, `jobs` runs what takes its
time, `batch_export` writes videos and grids, `render_port` hands recipes to the render thread and
`probe` asks it questions.
"""
