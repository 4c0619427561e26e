// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages of a socket, and their senders.
 */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include "socket.h"
#include "test.h"

static uint32_t port(int fd)
{
	struct sockaddr_nl address = {};
	socklen_t len = sizeof(address);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return address.nl_pid;
}

/* A message that another process sends is not the kernel's. */
TEST(test_forged)
{
	static union fsa_message message;
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	int fd = fsa_socket_open(SOCK_NONBLOCK), other = fsa_socket_open(0);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(message.buf);
	size_t len;

	assert_true(fd > 2 && other > 2);
	to.nl_pid = port(fd);
	nlh->nlmsg_type = GENL_ID_CTRL;
	if (sendto(other, nlh, nlh->nlmsg_len, 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0) {
		/* Sending takes CAP_NET_ADMIN. */
		assert_int_equal(errno, EPERM);
	}
	assert_int_equal(fsa_socket_receive(fd, &message, &len), 0);
	close(fd);
	close(other);
}

/* The controller answers, and knows itself; the next answer is the next one's. */
TEST(test_resolve)
{
	static struct fsa_asker asker;
	struct fsa_address control = {
		.name = "nlctrl", .groups = { "notify" },
	};
	struct fsa_address none = { .name = "no_such_family" };
	struct fsa_address lacking = {
		.name = "nlctrl", .groups = { "no_such_group" },
	};

	asker.fd = fsa_socket_open(0);
	assert_int_equal(fsa_resolve(&asker, &none), -ENOENT);
	assert_int_equal(none.family, 0);
	assert_int_equal(fsa_resolve(&asker, &control), 0);
	assert_int_equal(control.family, GENL_ID_CTRL);
	assert_true(control.group_ids[0]);
	assert_int_equal(fsa_resolve(&asker, &lacking), -EPROTONOSUPPORT);
	close(asker.fd);
}

int main(void)
{
	static const struct cm_unit_test tests[] = {
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
