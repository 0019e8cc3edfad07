"""The digital base (数字底座): who and where, calendars; later perceive, pool, registers, things."""
