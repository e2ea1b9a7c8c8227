"""Time and music: tempo, beats and clocks, which the playing sources of bindings follow."""
