// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's NFS server and a mount of its export.
 *
 * No daemon is needed: with NFS 4 alone there is no portmapper to register
 * with, and the answers of mountd(8) are written into the caches in advance.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "children.h"
#include "control.h"
#include "nfs.h"
#include "process.h"

/* The server's control files; unmounting them ends it. */
#define NFSD	FSE_MNT "/nfsd"

/* nfsd's flags: any port, async, fsid=0. */
#define EXPORT_FLAGS	(0x2 | 0x10 | 0x400 | 0x2000)
/* The client's name, and an expiry time far in the future. */
#define CLIENT		"tests"
#define FOREVER		"2147483647"

static int set_link(bool up)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = up ? IFF_UP : 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return errno;
	err = ioctl(fd, SIOCSIFFLAGS, &lo) ? errno : 0;
	close(fd);
	return err;
}

static int link_up(void *arg)
{
	(void)arg;
	return set_link(true);
}

static int link_down(void *arg)
{
	(void)arg;
	return set_link(false);
}

/* Fills the server's caches: clients, exports, paths. */
static int fill_caches(const char *dir)
{
	char export[256], root[256];

	snprintf(export, sizeof(export),
		 CLIENT " %s " FOREVER " %u 65534 65534 0\n", dir,
		 EXPORT_FLAGS);
	snprintf(root, sizeof(root), CLIENT " 1 \\x00000000 " FOREVER " %s\n",
		 dir);
	return fse_put("/proc/net/rpc/auth.unix.ip/channel",
		       "nfsd 127.0.0.1 " FOREVER " " CLIENT "\n") ?:
	       fse_put("/proc/net/rpc/nfsd.export/channel", export) ?:
	       fse_put("/proc/net/rpc/nfsd.fh/channel", root);
}

static int start_threads(const struct fse_nfs *n)
{
	return fse_put(NFSD "/versions", "-2 -3 +4\n") ?:
	       /* Minimum grace period, during which no file can be opened. */
	       fse_put(NFSD "/nfsv4gracetime", "10\n") ?:
	       fse_put(NFSD "/nfsv4leasetime", "10\n") ?:
	       fse_put(NFSD "/portlist", "tcp 2049\n") ?:
	       fse_put(NFSD "/threads", "2\n") ?:
	       fill_caches(n->export.mount);
}

static int start_server(void *nfs)
{
	mkdir(NFSD, 0755);
	if (mount("nfsd", NFSD, "nfsd", 0, NULL))
		return errno;
	return -start_threads(nfs);
}

/* Calls @fn in the network namespace; @fn returns a positive errno. */
static int inside(const struct fse_nfs *n, int (*fn)(void *arg),
		  const void *arg)
{
	int err = fse_within(n->space, CLONE_NEWNET, fn, (void *)arg);

	return err < 0 ? -EIO : -err;
}

int fse_nfs_cut(const struct fse_nfs *n)
{
	return inside(n, link_down, NULL);
}

int fse_nfs_join(const struct fse_nfs *n)
{
	return inside(n, link_up, NULL);
}

int fse_nfs_stop(const struct fse_nfs *n)
{
	(void)n;
	return umount2(NFSD, 0) ? -errno : 0;
}

int fse_nfs_start(const struct fse_nfs *n)
{
	return inside(n, start_server, n);
}

/*
 * The client retries for ever, but gives up after some seconds on unmount:
 * otherwise umount(2) takes three minutes without a server.
 */
static int mount_client(void *where)
{
	if (mount(FSE_NFS_SOURCE, where, "nfs4", 0,
		  "addr=127.0.0.1,clientaddr=127.0.0.1,vers=4.2,hard,timeo=10,retrans=1"))
		return errno;
	return 0;
}

int fse_nfs_mount(const struct fse_nfs *n, const char *where)
{
	return inside(n, mount_client, where);
}

int fse_nfs_make(struct fse_nfs *n, const char *name, unsigned int mib)
{
	char export[64];
	int err;

	memset(n, 0, sizeof(*n));
	snprintf(n->mount, sizeof(n->mount), FSE_MNT "/%s", name);
	mkdir(n->mount, 0755);
	snprintf(export, sizeof(export), "%s-export", name);
	if (fse_fs_make(&n->export, "tmpfs", export, mib, "") ||
	    fse_sh("mkdir %s/data", n->export.mount))
		return -EIO;
	n->space = fse_space(CLONE_NEWNET);
	if (n->space < 0)
		err = n->space;
	else
		err = fse_nfs_join(n) ?: fse_nfs_start(n) ?:
		      fse_nfs_mount(n, n->mount);
	if (err)
		fse_nfs_remove(n);
	return err;
}

void fse_nfs_remove(struct fse_nfs *n)
{
	if (!n->mount[0])
		return;
	if (n->space > 0) {
		/* Pending calls return with an error. */
		umount2(n->mount, MNT_FORCE);
		fse_nfs_join(n);
		while (!umount2(n->mount, MNT_DETACH))
			;
		fse_nfs_stop(n);
	}
	fse_kill(n->space);
	rmdir(NFSD);
	fse_fs_remove(&n->export);
	rmdir(n->mount);
	n->mount[0] = '\0';
}

static int count_volumes(void *arg)
{
	const char *s = fse_read("/proc/net/nfsfs/volumes");
	int lines = 0;

	(void)arg;
	while ((s = strchr(s, '\n'))) {
		lines++;
		s++;
	}
	/* The first line is a header. */
	return lines - 1;
}

bool fse_nfs_alive(const struct fse_nfs *n)
{
	return fse_within(n->space, CLONE_NEWNET, count_volumes, NULL) != 0;
}

long fse_nfs_asked(const struct fse_nfs *n)
{
	const char *s = fse_read("/proc/self/mountstats");
	char at[256];

	snprintf(at, sizeof(at), " mounted on %s with ", n->mount);
	s = strstr(s, at);
	s = s ? strstr(s, " STATFS: ") : NULL;
	return s ? atol(s + strlen(" STATFS: ")) : -1;
}
