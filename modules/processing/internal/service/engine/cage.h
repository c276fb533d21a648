#ifndef FIAPX_CAGE_H
#define FIAPX_CAGE_H

// What the child could take from itself before main began; 0 where a layer holds, else the errno that says why not.
typedef struct fx_cage {
	int caged; // this process is the child
	int no_new_privs, landlock, seccomp;
	int landlock_abi;
} fx_cage;

extern fx_cage fx_cage_state;

#endif
