"""From recipe to frame: the stages, their caches, the render thread, inspector and aligner."""
