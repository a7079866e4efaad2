package casework

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/otklik/otklik/domain"
)

// AttachedView is what came with a post besides its words.
type AttachedView struct {
	Words string
	Name  string // as its author called it; may be empty
	URL   string // "" when it can be seen on the platform only
}

// Title is what a link to it says.
func (a AttachedView) Title() string { return cmp.Or(a.Name, a.Words) }

// Attached lists what came with a post: attachments, and the place that its author
// showed on a map.
func Attached(p domain.Post) []AttachedView {
	var out []AttachedView
	for _, a := range p.Attachments {
		if p.Geo != nil && a.URL == "" && a.Name == "" && Attachment(a) == wordsPlace {
			continue // the place itself says more
		}
		v := AttachedView{Words: Attachment(a), Name: a.Name}
		if web(a.URL) {
			v.URL = a.URL
		}
		out = append(out, v)
	}
	if p.Geo != nil {
		out = append(out, AttachedView{Words: fmt.Sprintf("%s: %.5f, %.5f", wordsPlace, p.Geo.Lat, p.Geo.Lon), URL: MapURL(*p.Geo)})
	}
	return out
}

func web(address string) bool {
	u, err := url.Parse(strings.TrimSpace(address))
	return err == nil && (u.Scheme == "https" || u.Scheme == "http")
}

// MapURL opens a point on a map (yandex.ru/dev/yandex-apps-launch-maps: longitude
// first). Only who follows the link tells the map's owner of it.
func MapURL(g domain.Geo) string {
	return fmt.Sprintf("https://yandex.ru/maps/?pt=%.6f,%.6f&z=17&l=map", g.Lon, g.Lat)
}
