#ifndef ROOST_CLINUX_SHIM_H
#define ROOST_CLINUX_SHIM_H

/* Variadic functions, macros and globals that Swift's Glibc module does not offer. Only headers that define no type of
 * Glibc's are included, so that those types keep one home. */
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

extern int open(const char *, int, ...);
extern int openat(int, const char *, int, ...);
extern long syscall(long, ...);
extern void (*signal(int, void (*)(int)))(int);
extern char **environ;

static inline int CLinux_open(const char *path, int flags, unsigned int mode) { return open(path, flags, mode); }
static inline int CLinux_openat(int directory, const char *path, int flags, unsigned int mode) {
    return openat(directory, path, flags, mode);
}
static inline int CLinux_syncfs(int descriptor) { return (int)syscall(SYS_syncfs, descriptor); }
static inline void CLinux_ignore_signal(int number) { signal(number, (void (*)(int))1); /* SIG_IGN */ }
static inline int CLinux_terminal_width(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
/* The magic number of the file system, 0 if it cannot be told. */
static inline long CLinux_file_system_type(int descriptor) {
    struct statfs information;
    return fstatfs(descriptor, &information) == 0 ? (long)information.f_type : 0;
}
static inline const char *CLinux_environment(long position) { return environ[position]; }

#endif
