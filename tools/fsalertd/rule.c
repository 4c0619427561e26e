// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rules. A rule is about a file system if one of its mounts fits each list that
 * the rule has. Where several rules give a key, the last rule
 * decides.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <systemd/sd-device.h>

#include "rule.h"

static bool is_pattern(const char *word)
{
	return strpbrk(word, "*?[");
}

/*
 * A path is that of a mount. If it stood for the file system that it is on, a rule
 * would be about another one while its own is not mounted.
 */
static bool fits_path(const char *word, const struct mount *m)
{
	return is_pattern(word) ? !fnmatch(word, m->target, 0) :
		!strcmp(word, m->target);
}

static bool fits_type(const char *word, const struct mount *m)
{
	if (!strcmp(word, "local"))
		return m->class == MOUNT_LOCAL;
	if (!strcmp(word, "remote"))
		return m->class == MOUNT_REMOTE;
	if (!strcmp(word, "memory"))
		return m->class == MOUNT_MEMORY;
	return !fnmatch(word, m->fstype, 0);
}

/*
 * The number of the device that a mount is made from. A file system of several
 * devices, as btrfs, has another number, and names a device of them.
 */
static bool device_of(const struct mount *m, dev_t *dev)
{
	struct stat st;

	*dev = m->dev;
	if (major(m->dev))
		return true;
	if (m->class != MOUNT_LOCAL || strncmp(m->source, "/dev/", 5) ||
	    stat(m->source, &st) || !S_ISBLK(st.st_mode))
		return false;
	*dev = st.st_rdev;
	return true;
}

/* Any user can mount it, and choose its source. fuseblk has a block device. */
static bool is_fuse(const char *fstype)
{
	return !strcmp(fstype, "fuse") || !strncmp(fstype, "fuse.", 5);
}

static bool fits_device(const char *word, const struct mount *m)
{
	struct stat st;
	dev_t dev;

	if (is_fuse(m->fstype))
		return false;
	if (!fnmatch(word, m->source, 0))
		return true;
	/* Another name of the device, as in /dev/disk/by-id */
	return !is_pattern(word) && !strncmp(word, "/dev/", 5) &&
	       device_of(m, &dev) && !stat(word, &st) &&
	       S_ISBLK(st.st_mode) && st.st_rdev == dev;
}

/* udev writes bytes of names as \x20. */
static void unescape_udev(char *name)
{
	char *to = name;
	unsigned int c;
	int len;

	while (*name) {
		len = 0;
		if (sscanf(name, "\\x%2x%n", &c, &len) == 1 && len == 4) {
			*to++ = c;
			name += 4;
		} else {
			*to++ = *name++;
		}
	}
	*to = '\0';
}

/*
 * Does what udev found on the device fit? A link below /dev/disk may lead to another
 * disk that has the same label.
 */
static bool fits_property(const char *word, const struct mount *m,
			  const char *property)
{
	sd_device *device = NULL;
	const char *value;
	bool fits = false;
	char *name;
	dev_t dev;

	if (!device_of(m, &dev) ||
	    sd_device_new_from_devnum(&device, 'b', dev) < 0)
		return false;
	if (sd_device_get_property_value(device, property, &value) >= 0) {
		name = strdup(value);
		if (name) {
			unescape_udev(name);
			fits = !fnmatch(word, name, 0);
		}
		free(name);
	}
	sd_device_unref(device);
	return fits;
}

static bool fits_word(enum rule_list list, const char *word,
		      const struct mount *m)
{
	switch (list) {
	case RULE_PATH:
		return fits_path(word, m);
	case RULE_TYPE:
		return fits_type(word, m);
	case RULE_DEVICE:
		return fits_device(word, m);
	case RULE_LABEL:
		return fits_property(word, m, "ID_FS_LABEL_ENC");
	case RULE_UUID:
		return fits_property(word, m, "ID_FS_UUID_ENC");
	default:
		return false;
	}
}

/* "!WORD" takes out what WORD would fit. A list of these alone fits the rest. */
static bool fits_list(char **words, enum rule_list list,
		      const struct mount *m)
{
	bool some = false, fits = false;
	size_t i;

	for (i = 0; words[i]; i++) {
		if (words[i][0] == '!') {
			if (fits_word(list, words[i] + 1, m))
				return false;
		} else {
			some = true;
			fits |= fits_word(list, words[i], m);
		}
	}
	return fits || (i && !some);
}

static bool has_list(const struct rule *rule, enum rule_list list)
{
	return rule->lists[list] && rule->lists[list][0];
}

static bool fits(const struct rule *rule, const struct mount *m)
{
	bool some = false;
	size_t i;

	for (i = 0; i < RULE_UNIT; i++) {
		if (!has_list(rule, i))
			continue;
		some = true;
		if (!fits_list(rule->lists[i], i, m))
			return false;
	}
	/* Without any list a rule is about local disks. */
	return some || m->class == MOUNT_LOCAL;
}

static void take(struct wanted *w, const struct rule *rule)
{
	size_t i;

	w->rules[w->nr++] = rule;
	/* What a rule asks for is to be watched, unless it says otherwise. */
	for (i = 0; i < RULE_TEXTS; i++) {
		if (rule->texts[i]) {
			w->texts[i] = rule->texts[i];
			w->watch = true;
		}
	}
	/* Levels come with the limit of their rule, if it has one. */
	if (rule->texts[RULE_SPACE] && !rule->has_at_most)
		w->at_most = 0;
	if (rule->has_at_most)
		w->at_most = rule->at_most;
	if (rule->has_watch)
		w->watch = rule->watch;
}

/**
 * rule_match - find out what the rules want for a file system
 * @w: what they want, for rule_release()
 * @c: the configuration
 * @mounts: the mounts of the file system
 * @nr: how many
 *
 * Return: 0 or -ENOMEM.
 */
int rule_match(struct wanted *w, const struct config *c,
	       const struct mount * const *mounts, size_t nr)
{
	size_t i, j;

	*w = (struct wanted){ .watch = true };
	w->rules = calloc(c->nr + 1, sizeof(*w->rules));
	if (!w->rules)
		return -ENOMEM;
	for (i = 0; i < c->nr; i++) {
		for (j = 0; j < nr; j++) {
			if (fits(&c->rules[i], mounts[j])) {
				take(w, &c->rules[i]);
				break;
			}
		}
	}
	for (i = 0; i < RULE_TEXTS; i++) {
		if (w->texts[i] && !strcmp(w->texts[i], "none"))
			w->texts[i] = NULL;
	}
	w->watch &= w->texts[RULE_SPACE] || w->texts[RULE_INODES] ||
		    w->texts[RULE_EVENTS];
	return 0;
}

void rule_release(struct wanted *w)
{
	free(w->rules);
	*w = (struct wanted){ .nr = 0 };
}
