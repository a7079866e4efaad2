package main

import (
	"fmt"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/reply"
	"github.com/otklik/otklik/rules"
)

// refusal says why a pack does not let sources of a kind be read, with the place
// where it says so; "" when it does.
func refusal(p *rules.Pack, kind domain.SourceKind) string {
	platform := kind.Platform()
	if platform == "" || p.Region.Channels.Reads(platform) {
		return ""
	}
	key, at := p.ReadKey(platform)
	return fmt.Sprintf("пакет региона не разрешает читать %s: %s — false (%s:%d)", reply.PlatformName(platform), key, at.File, at.Line)
}
