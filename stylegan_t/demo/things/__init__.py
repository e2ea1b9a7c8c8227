"""The second demo world: hundreds of things, as sprites, in little landscapes.

`catalogue` and `sprites` hold the things, `scenes` places them, `painting` draws, `captions` tells;
`codes` gives words and free choices their numbers.
"""
