"""From recipe to frame: the stages, their caches, the render thread, inspector and aligner.

`render_thread` is the thread, with one slot for the newest recipe; `renderer` runs the stages;
`text_stage`, `text_rows`, `latents` and `w_rows` make w, and `cache_keys` says when that is known.
"""
