"""The city brain (城市大脑): indicators, warnings, fusion, forecasting, evaluation. Talks with core by messages."""
