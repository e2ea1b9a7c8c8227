"""The window: glfw, OpenGL, fonts, textures, the pace of redraws.

`window` opens it, `layout` places the panels, `texture` shows pictures, `frame_pacing` decides when
to redraw; `cuda_interop` takes pictures from a card without a detour.
"""
