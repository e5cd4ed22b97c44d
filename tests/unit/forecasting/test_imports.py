import subprocess
import sys

PRINT_MODULES = "import sys, services.forecasting.rows, services.forecasting.market; print(*sys.modules)"


def test_forecasting_needs_numpy_and_the_standard_library_only() -> None:
    listed = subprocess.run([sys.executable, "-c", PRINT_MODULES], check=True, capture_output=True, text=True).stdout
    packages = {name.partition(".")[0] for name in listed.split()}
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], check=True, capture_output=True, text=True
    )
    already = {name.partition(".")[0] for name in bare.stdout.split()}
    assert packages - already - sys.stdlib_module_names - {"services"} == {"numpy"}
