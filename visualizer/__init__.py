"""The program: it owns the window, wires panels to the render thread, and keeps the document."""
