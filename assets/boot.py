"""Makes modules of a program's files and runs one. The files come as text: Python may not see any folder of parbench's."""

import sys

# What lies in the current folder is none of the program's business, whatever its name.
sys.path[:] = [folder for folder in sys.path if folder]

import types


def boot(package_name, sources, program):
    package = types.ModuleType(package_name)
    package.__path__ = []
    sys.modules[package_name] = package

    for name, text in sources.items():
        module = types.ModuleType(f"{package_name}.{name}")
        sys.modules[module.__name__] = module
        setattr(package, name, module)
        exec(compile(text, f"{name}.py", "exec"), module.__dict__)

    getattr(package, program).main()
