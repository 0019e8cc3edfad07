"""``python -m gangmu`` is the command ``gangmu``."""

from gangmu.faces.cli import main

if __name__ == "__main__":
    main()
