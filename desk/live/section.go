package live

import (
	"context"
	"embed"
	"time"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

//go:embed assets/live.js
var assets embed.FS

// Path is where desks listen.
const Path = "/live"

// Section is what the desk serves: the stream and its script.
func (h *Hub) Section() page.Section {
	return page.Section{Name: "live", Assets: page.Sub(assets, "assets"), Routes: []page.Route{
		{Pattern: "GET " + Path, Action: access.Live, Handler: h.listen, Long: true},
	}}
}

// Address is where a page drawn now listens, from what it shows on.
func (h *Hub) Address() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return Path + "?after=" + h.seen.String()
}

// askAgain is how long an answer about a person's rights is trusted.
const askAgain = 5 * time.Second

func (h *Hub) listen(r *page.Request) error {
	scope, here, asked := r.Scope, true, time.Now()
	return h.Serve(r.W, r.Request, func(ctx context.Context) (domain.Scope, bool) {
		if time.Since(asked) >= askAgain {
			scope, here = r.Still(ctx)
			asked = time.Now()
		}
		return scope, here
	})
}
