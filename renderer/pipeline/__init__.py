"""From recipe to frame: the stages, their caches, the render thread, inspector and aligner.

`render_thread` is the thread, with one slot for the newest recipe; `renderer` runs the stages;
`batch` draws many recipes into one file, and `shared_frames` lets several processes draw them;
`text_stage`, `text_rows`, `latents` and `w_rows` make w, and `cache_keys` says when that is known.
"""
