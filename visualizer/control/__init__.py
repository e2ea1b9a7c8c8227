"""Control from outside: OSC, MIDI, and the parameters they move."""
