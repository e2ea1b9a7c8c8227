"""The window: glfw, OpenGL, fonts, textures, the pace of redraws."""
