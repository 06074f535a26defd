"""How many digits a program keeps over a range or a box, where it loses them, and what to write instead."""
