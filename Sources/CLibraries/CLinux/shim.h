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
extern int fcntl(int, int, ...);
extern void (*signal(int, void (*)(int)))(int);
extern char **environ;
extern char *program_invocation_name;
extern int prctl(int, ...);
extern int posix_spawn_file_actions_addchdir_np(void *, const char *);

static inline int CLinux_open(const char *path, int flags, unsigned int mode) { return open(path, flags, mode); }
static inline int CLinux_openat(int directory, const char *path, int flags, unsigned int mode) {
    return openat(directory, path, flags, mode);
}
static inline int CLinux_syncfs(int descriptor) { return (int)syscall(SYS_syncfs, descriptor); }
static inline void CLinux_ignore_signal(int number) { signal(number, (void (*)(int))1); /* SIG_IGN */ }
static inline void CLinux_default_signal(int number) { signal(number, (void (*)(int))0); /* SIG_DFL */ }
static inline int CLinux_terminal_width(int descriptor) {
    struct winsize size;
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
/* The magic number of the file system, 0 if it cannot be told. */
static inline long CLinux_file_system_type(int descriptor) {
    struct statfs information;
    return fstatfs(descriptor, &information) == 0 ? (long)information.f_type : 0;
}
static inline int CLinux_spawn_in_directory(void *actions, const char *path) {
    return posix_spawn_file_actions_addchdir_np(actions, path);
}
/* When a file or directory was made; -1 if the file system does not tell. The layout is struct statx of linux/stat.h. */
static inline int CLinux_birth_time(const char *path, long long *seconds, unsigned int *nanoseconds) {
    enum { at_fdcwd = -100, mask_birth = 0x800 };
    union { unsigned int mask; unsigned char bytes[256]; long long alignment; } buffer;
    if (syscall(SYS_statx, at_fdcwd, path, 0, mask_birth, &buffer) != 0 || !(buffer.mask & mask_birth)) return -1;
    __builtin_memcpy(seconds, buffer.bytes + 80, 8);
    __builtin_memcpy(nanoseconds, buffer.bytes + 88, 4);
    return 0;
}
/* 1 if something is mounted at a directory, also a part of the same file system; 0 if not; -1 if the kernel, older than
 * 5.8, does not tell. The layout is struct statx of linux/stat.h. */
static inline int CLinux_is_mount_point(const char *path) {
    enum { at_fdcwd = -100, no_follow = 0x100, mount_root = 0x2000 };
    union { unsigned char bytes[256]; long long alignment; } buffer;
    unsigned long long attributes, known;
    if (syscall(SYS_statx, at_fdcwd, path, no_follow, 0, &buffer) != 0) return -1;
    __builtin_memcpy(&attributes, buffer.bytes + 8, 8);
    __builtin_memcpy(&known, buffer.bytes + 56, 8);
    return known & mount_root ? (attributes & mount_root) != 0 : -1;
}
/* 1 if a file can only be appended to, 2 if it cannot be changed at all, 0 if neither; -1 if its file system does not tell.
 * Layout and bits are those of linux/stat.h. */
static inline int CLinux_protection(const char *path) {
    enum { at_fdcwd = -100, no_follow = 0x100, immutable = 0x10, append = 0x20 };
    union { unsigned char bytes[256]; long long alignment; } buffer;
    unsigned long long attributes, known;
    if (syscall(SYS_statx, at_fdcwd, path, no_follow, 0, &buffer) != 0) return -1;
    __builtin_memcpy(&attributes, buffer.bytes + 8, 8);
    __builtin_memcpy(&known, buffer.bytes + 56, 8);
    if ((known & (immutable | append)) != (immutable | append)) return -1;
    return attributes & immutable ? 2 : attributes & append ? 1 : 0;
}
/* The same of an open file, for file systems that tell it by FS_IOC_GETFLAGS only; 0 where that is unknown too. */
static inline int CLinux_protection_of(int descriptor) {
    enum { immutable = 0x10, append = 0x20 };
    const unsigned long get_flags = 0x80086601;
    int flags = 0;
    if (ioctl(descriptor, get_flags, &flags) != 0) return 0;
    return flags & immutable ? 2 : flags & append ? 1 : 0;
}
/* Has every descriptor from 3 on closed in programs started from here; older kernels leave those of the caller open. */
static inline void CLinux_close_later_on_exec(void) {
#ifdef SYS_close_range
    enum { close_on_exec = 4 };
    syscall(SYS_close_range, 3, ~0U, close_on_exec);
#endif
}
/* A file in memory, closed on exec; -1 on failure. */
static inline int CLinux_memory_file(const char *name) {
    enum { close_on_exec = 1 };
    return (int)syscall(SYS_memfd_create, name, close_on_exec);
}
/* Both ends of a pipe, closed on exec; -1 on failure. */
static inline int CLinux_pipe(int ends[2]) {
    enum { close_on_exec = 02000000 };
    return (int)syscall(SYS_pipe2, ends, close_on_exec);
}
/* How much a pipe holds. */
static inline int CLinux_set_pipe_size(int descriptor, int size) {
    enum { set_pipe_size = 1031 };
    return fcntl(descriptor, set_pipe_size, size);
}
/* Blanks what follows the first of the strings that the kernel has put in a row for the arguments of this process. */
static inline void CLinux_hide_arguments(int count) {
    char *text = program_invocation_name;
    for (int position = 0; position < count; position++) {
        unsigned long length = __builtin_strlen(text);
        if (position > 0) __builtin_memset(text, 'x', length);
        text += length + 1;
    }
}
/* Lets a file share the blocks of another, where the file system can (FICLONE of linux/fs.h). */
static inline int CLinux_clone_file(int destination, int source) {
    enum { clone_file = 0x40049409 };
    return ioctl(destination, clone_file, source);
}
/* Has the kernel send this process a signal when the one that started it ends. */
static inline int CLinux_signal_at_end_of_parent(int number) {
    enum { set_parent_death_signal = 1 };
    return prctl(set_parent_death_signal, (unsigned long)number);
}
static inline const char *CLinux_environment(long position) { return environ[position]; }

#endif
