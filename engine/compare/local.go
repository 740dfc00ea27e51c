package main

import "github.com/dynamapper/dynamapper/engine"

// engineEndpoint returns the engine at a URL, or one in this process if the URL is "".
func engineEndpoint(url string) *endpoint {
	if url != "" {
		return endpointAt("ours", url)
	}
	return &endpoint{name: "ours", url: "http://engine.invalid/", caller: engine.New().Client()}
}
