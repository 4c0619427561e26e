// SPDX-License-Identifier: GPL-2.0-only
/*
 * What status finds in the state that fsalertd keeps.
 */
#include <sys/sysmacros.h>

#include "alarms.h"
#include "test.h"

#define MANY		1000

/* How many members may be looked up for each file system? */
#define LOOKUPS_MAX	10

/* As state.c of fsalertd writes it. */
static const char text[] =
	"{ \"version\": 1, \"pools\": [\n"
	"{ \"key\": \"8:1\", \"mount\": \"/\", \"source\": \"/dev/sda1\",\n"
	"  \"fstype\": \"ext4\", \"request\": \"T 10%:12% 5%:6%\",\n"
	"  \"alarms\": [ { \"type\": \"enospc\", \"since\": 5 } ] },\n"
	"{ \"key\": \"zfs:tank\", \"mount\": \"/tank\", \"source\": \"tank\",\n"
	"  \"fstype\": \"zfs\", \"request\": \"T 100G\",\n"
	"  \"alarms\": [ { \"type\": \"below\", \"nr\": 1, \"since\": 7 } ] },\n"
	"{ \"key\": \"zfs:tank2\", \"mount\": \"/tank2\", \"source\": \"tank2\",\n"
	"  \"fstype\": \"zfs\", \"request\": \"I 5%:6%\", \"alarms\": [ ] } ] }\n";

static struct json_object *pools;
static unsigned int lookups;

/* The linker has alarms.c call this; __real_json_object_object_get_ex() is json-c's. */
typeof(json_object_object_get_ex) __real_json_object_object_get_ex;

json_bool __wrap_json_object_object_get_ex(const struct json_object *o,
					   const char *key,
					   struct json_object **value)
{
	lookups++;
	return __real_json_object_object_get_ex(o, key, value);
}

static struct json_object *find(const char *fstype, const char *source,
				unsigned int minor)
{
	return alarms_find(pools, fstype, source, makedev(0, minor));
}

/* Its data sets have other device numbers, and share the space of the pool. */
TEST(test_zfs)
{
	struct json_object *tank = find("zfs", "tank", 34);
	struct known_alarm alarm;
	size_t i = 0;

	assert_non_null(tank);
	assert_true(alarms_watch(tank, false));
	assert_false(alarms_watch(tank, true));
	assert_true(alarms_next(tank, &i, &alarm));
	assert_int_equal(alarm.type, FSALERT_BELOW);
	assert_string_equal(alarm.level, "100G");
	assert_false(alarms_next(tank, &i, &alarm));
	assert_ptr_equal(find("zfs", "tank/home/a", 35), tank);
}

TEST(test_other_pool)
{
	struct json_object *tank2 = find("zfs", "tank2/a", 34);

	assert_non_null(tank2);
	assert_ptr_not_equal(tank2, find("zfs", "tank", 34));
	assert_true(alarms_watch(tank2, true));
	assert_null(find("zfs", "tan", 34));
	assert_null(find("zfs", NULL, 34));
	/* Another type may have a source of that name. */
	assert_null(find("tmpfs", "tank", 34));
}

TEST(test_device)
{
	struct known_alarm alarm;
	struct json_object *root;
	size_t i = 0;

	root = alarms_find(pools, "ext4", "/dev/disk/by-uuid/1", makedev(8, 1));
	assert_non_null(root);
	assert_true(alarms_next(root, &i, &alarm));
	assert_int_equal(alarm.type, FSALERT_ENOSPC);
	assert_null(alarms_find(pools, "ext4", "/dev/sda1", makedev(8, 2)));
	assert_null(alarms_find(NULL, "ext4", "/dev/sda1", makedev(8, 1)));
}

static struct json_object *many_pools(void)
{
	struct json_object *list = json_object_new_array();
	struct json_object *o = json_object_new_object(), *pool;
	unsigned int i;
	char key[16];

	for (i = 0; i < MANY; i++) {
		pool = json_object_new_object();
		snprintf(key, sizeof(key), "0:%u", i);
		json_object_object_add(pool, "key",
				       json_object_new_string(key));
		json_object_array_add(list, pool);
	}
	json_object_object_add(o, "pools", list);
	return o;
}

/* Each is found without a look at all others. */
TEST(test_many)
{
	struct json_object *state = many_pools(), *many;
	unsigned int i;

	lookups = 0;
	many = alarms_by_key(state);
	json_object_put(state);
	for (i = 0; i < MANY; i++)
		assert_non_null(alarms_find(many, "tmpfs", "t", makedev(0, i)));
	print_message("# %u lookups\n", lookups);
	assert_in_range(lookups, MANY, LOOKUPS_MAX * MANY);
	json_object_put(many);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_zfs),
		cmocka_unit_test(test_other_pool),
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_many),
	};
	struct json_object *state = json_tokener_parse(text);
	int failed;

	if (!state)
		return 1;
	pools = alarms_by_key(state);
	json_object_put(state);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	json_object_put(pools);
	return failed;
}
