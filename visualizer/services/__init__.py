"""Services of the loop and its instruments: jobs, dialogs, previews, the render thread's port."""
