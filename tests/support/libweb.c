#include "tests/support/libweb.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/support/libscratch.h"

#define ARGUMENTS 32
#define NGINX_TRIES 5

static void
pause_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

/* A child that ends with us; its stdout is a pipe if out is given. */
static pid_t
start(const char *const *argv, int *out)
{
	int pipes[2] = { -1, -1 };
	pid_t parent = getpid(), pid;

	if (out != NULL)
		assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid != -1);
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		if (out != NULL)
			(void)dup2(pipes[1], 1);
		(void)execvp(argv[0], (char *const *)argv);
		perror(argv[0]);
		_exit(127);
	}
	if (out != NULL) {
		(void)close(pipes[1]);
		*out = pipes[0];
	}
	return pid;
}

void
web_run(const char *program, ...)
{
	const char *argv[ARGUMENTS] = { program };
	va_list ap;
	int n = 1, status;

	va_start(ap, program);
	while ((argv[n] = va_arg(ap, const char *)) != NULL)
		assert_true(++n < ARGUMENTS);
	va_end(ap);
	assert_true(waitpid(start(argv, NULL), &status, 0) != -1);
	assert_int_equal(status, 0);
}

static void
set_url(struct web *web, const char *scheme)
{
	(void)snprintf(web->url, sizeof(web->url), "%s://127.0.0.1:%d/", scheme,
	    web->port);
}

void
web_rogue(struct web *web, const char *name, const char *folder)
{
	const char *b = getenv("B");
	char program[256], port[16] = "";
	const char *argv[] = { program, "-l", web->log, "-c", web->control,
		folder, NULL };
	int out;

	(void)snprintf(program, sizeof(program), "%s/tests/support/rogue",
	    b == NULL ? "build/release" : b);
	(void)snprintf(web->log, sizeof(web->log), "%s/%s.log", scratch, name);
	(void)snprintf(web->control, sizeof(web->control), "%s/%s.control",
	    scratch, name);
	web->pid = start(argv, &out);
	assert_true(read(out, port, sizeof(port) - 1) > 0);
	(void)close(out);
	web->port = atoi(port);
	assert_true(web->port > 0);
	set_url(web, "http");
}

static int
free_port(void)
{
	struct sockaddr_in here = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(here);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd != -1);
	assert_int_equal(bind(fd, (struct sockaddr *)&here, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&here, &size), 0);
	(void)close(fd);
	return ntohs(here.sin_port);
}

/* It answers (true), or it has ended, perhaps since the port was taken. */
static bool
wait_for(struct web *web)
{
	struct sockaddr_in there = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)web->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int i, fd, rc;

	for (i = 0; i < 1000; i++) {
		if (waitpid(web->pid, NULL, WNOHANG) == web->pid)
			return false;
		fd = socket(AF_INET, SOCK_STREAM, 0);
		assert_true(fd != -1);
		rc = connect(fd, (struct sockaddr *)&there, sizeof(there));
		(void)close(fd);
		if (rc == 0)
			return true;
		pause_ms(10);
	}
	fail_msg("nginx does not answer");
	return false;
}

static void
write_conf(const struct web *web, const char *home, const char *folder,
    const char *certificate, const char *lines)
{
	char path[256], tls[512] = "";
	FILE *out;

	if (certificate != NULL)
		(void)snprintf(tls, sizeof(tls),
		    "ssl_certificate %s/%s.crt; "
		    "ssl_certificate_key %s/%s.key;",
		    scratch, certificate, scratch, certificate);
	(void)snprintf(path, sizeof(path), "%s/conf", home);
	out = fopen(path, "w");
	assert_non_null(out);
	(void)fprintf(out,
	    "daemon off; master_process off; pid %s/pid;\n"
	    "error_log %s/error.log;\n"
	    "events { worker_connections 64; }\n"
	    "http { access_log %s/access.log;\n"
	    "client_body_temp_path %s/body; proxy_temp_path %s/proxy;\n"
	    "fastcgi_temp_path %s/fastcgi; uwsgi_temp_path %s/uwsgi;\n"
	    "scgi_temp_path %s/scgi; default_type text/plain;\n"
	    "types { application/atom+xml atom; }\n"
	    "server { listen 127.0.0.1:%d%s; root %s; %s\n%s\n} }\n",
	    home, home, home, home, home, home, home, home, web->port,
	    certificate == NULL ? "" : " ssl", folder, tls, lines);
	assert_int_equal(fclose(out), 0);
}

void
web_nginx(struct web *web, const char *name, const char *folder,
    const char *certificate, const char *lines)
{
	char home[128], conf[160], errors[160];
	const char *argv[] = { "nginx", "-e", errors, "-p", home, "-c", conf,
		NULL };
	int i;

	*web = (struct web){ .pid = -1 };
	(void)snprintf(home, sizeof(home), "%s/%s", scratch, name);
	(void)snprintf(conf, sizeof(conf), "%s/conf", home);
	(void)snprintf(errors, sizeof(errors), "%s/error.log", home);
	assert_int_equal(mkdir(home, 0700), 0);
	for (i = 0; i < NGINX_TRIES; i++) {
		web->port = free_port();
		write_conf(web, home, folder, certificate,
		    lines == NULL ? "" : lines);
		web->pid = start(argv, NULL);
		if (!wait_for(web))
			continue;
		set_url(web, certificate == NULL ? "http" : "https");
		return;
	}
	fail_msg("nginx does not start");
}

void
web_certificate(const char *name, const char *address, int days)
{
	char key[128], crt[128], alt[64], end[16];

	/* Renewed, since "req" makes none that has ended already. */

	(void)snprintf(key, sizeof(key), "%s/%s.key", scratch, name);
	(void)snprintf(crt, sizeof(crt), "%s/%s.crt", scratch, name);
	(void)snprintf(alt, sizeof(alt), "subjectAltName=IP:%s", address);
	(void)snprintf(end, sizeof(end), "%d", days);
	web_run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
	    "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
	    crt, "-subj", "/CN=test", "-addext", alt, NULL);
	web_run("openssl", "x509", "-in", crt, "-signkey", key, "-days", end,
	    "-out", crt, NULL);
}

void
web_stop(struct web *web)
{
	assert_int_equal(kill(web->pid, SIGKILL), 0);
	assert_int_equal(waitpid(web->pid, NULL, 0), web->pid);
}

int
web_logged(const struct web *web, const char *text)
{
	static char log[1 << 20];
	int fd = open(web->log, O_RDWR);
	const char *at = log;
	ssize_t got;
	int n = 0;

	if (fd == -1)
		return 0;
	got = read(fd, log, sizeof(log) - 1);
	assert_true(got >= 0);
	log[got] = '\0';
	assert_int_equal(ftruncate(fd, 0), 0);
	(void)close(fd);
	for (; (at = strstr(at, text)) != NULL; at++)
		n++;
	return n;
}
