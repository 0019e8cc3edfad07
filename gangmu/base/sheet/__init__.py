"""Spreadsheets (表格): lists that people keep in Excel or WPS, out and in again, the same way for every kind.

Comes in: files of registered kinds (``kit.sheet_kinds``). Goes out: templates, exports, previews with what each row
would do, imports in the background whose bad rows come back as a workbook to be mended and sent again.
"""
