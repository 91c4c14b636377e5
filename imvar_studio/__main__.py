"""`python -m imvar_studio`."""

from imvar_studio.app import main

if __name__ == "__main__":
    main()
