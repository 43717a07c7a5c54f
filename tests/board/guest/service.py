"""The service of deploy/ on a board of its own, from a clean system to a clean system."""

from tests.board.guest import cameras, installing, running
from tests.board.guest.harness import prove_on_board

if __name__ == "__main__":
    prove_on_board(
        [
            installing.clean_system,
            installing.install,
            installing.security,
            installing.restart,
            running.after_restart,
            running.status,
            running.reload_configuration,
            running.reload_model,
            running.reload_broken_model,
            cameras.ready_with_the_first_label,
            cameras.disconnected,
            cameras.unbound,
            cameras.silent,
            cameras.driver_comes_later,
            running.watchdog,
            running.disk_full,
            running.stop,
            running.wrong_configuration,
            installing.install_again,
            installing.upgrade,
            installing.roll_back,
            running.killed,
            running.power_cut,
            running.after_power_cut,
            installing.uninstall,
            installing.purge,
        ],
        after=cameras.mend,
    )
