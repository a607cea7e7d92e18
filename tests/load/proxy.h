/* The bad road before any server, as a process of its own. */
#pragma once

/* `tidewire-bots proxy …`; gives the exit code. Runs until it is ended. */
int proxy_main(int argc, char **argv);
