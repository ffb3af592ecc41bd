"""Makes modules of the driver's files and runs one. The files come as text: Python may not see any folder of parbench's."""

import sys
import types


def boot(sources, program):
    package = types.ModuleType("parbench_ray")
    package.__path__ = []
    sys.modules[package.__name__] = package

    for name, text in sources.items():
        module = types.ModuleType(f"{package.__name__}.{name}")
        sys.modules[module.__name__] = module
        setattr(package, name, module)
        exec(compile(text, f"{name}.py", "exec"), module.__dict__)

    getattr(package, program).main()
