"""The program's loop, from its start to its shutdown.

`app` is the loop, `frame_intake` takes what the render thread gives, `action_dispatch` does what
panels ask for, and `registry` lists the instruments.
"""
