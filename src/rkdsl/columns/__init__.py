"""What a rule tree comes to for every row of a table: as one program over columns, for many engines."""
