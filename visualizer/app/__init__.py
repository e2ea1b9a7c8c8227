"""The program's loop, from its start to its shutdown.

`start` opens the window, `app` is the loop, `frame_intake` takes what the render thread gives,
`registry` lists the instruments, which do what panels ask for, and `shutdown` ends the process.
`tour_film` plays the window frame by frame, on a clock of its own.
"""
