package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"time"
)

// config holds the settings from the environment. The AWS SDK reads its own variables (AWS_REGION,
// AWS_PROFILE, AWS_ENDPOINT_URL_DYNAMODB and others).
type config struct {
	addr    string        // ADDR: the address to listen on
	prefix  string        // TABLE_PREFIX: the prefix of table names
	timeout time.Duration // REQUEST_TIMEOUT: the time for one request
	grace   time.Duration // SHUTDOWN_GRACE: the time for running requests when the service stops
	level   slog.Level    // LOG_LEVEL
}

func parseConfig(getenv func(string) string) (c config, err error) {
	c.addr = cmp.Or(getenv("ADDR"), "localhost:8080")
	c.prefix = cmp.Or(getenv("TABLE_PREFIX"), "gamebackend-")
	if c.timeout, err = parseDuration(getenv, "REQUEST_TIMEOUT", "5s"); err != nil {
		return c, err
	}
	if c.grace, err = parseDuration(getenv, "SHUTDOWN_GRACE", "15s"); err != nil {
		return c, err
	}
	if err := c.level.UnmarshalText([]byte(cmp.Or(getenv("LOG_LEVEL"), "INFO"))); err != nil {
		return c, fmt.Errorf("LOG_LEVEL is %q; give DEBUG, INFO, WARN or ERROR",
			getenv("LOG_LEVEL"))
	}
	return c, nil
}

func parseDuration(getenv func(string) string, name, standard string) (time.Duration, error) {
	text := cmp.Or(getenv(name), standard)
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%s is %q; give a duration such as %s", name, text, standard)
	}
	return d, nil
}
