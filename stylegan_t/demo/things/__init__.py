"""The second demo world: hundreds of things, as sprites, in little landscapes."""
