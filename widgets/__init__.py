"""Panels.  They know the recipe and Dear ImGui; no torch, no OpenGL, no glfw.

Every panel gets a `Context` and returns the recipe that the user wants.  Panels never touch each
other; what they cannot do themselves (open a file, save a picture) they ask for with an action.
"""
