"""Orders by spreadsheet, there and back."""
