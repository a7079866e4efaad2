package casework

import (
	"fmt"
	"testing"

	"github.com/otklik/otklik/domain"
)

func TestWhatCameWithAPost(t *testing.T) {
	place := &domain.Geo{Lat: 48.4808, Lon: 135.0719}
	const shown = "место на карте: 48.48080, 135.07190 https://yandex.ru/maps/?pt=135.071900,48.480800&z=17&l=map"
	for name, c := range map[string]struct {
		post domain.Post
		want string
	}{
		"nothing":               {domain.Post{}, "[]"},
		"a place alone":         {domain.Post{Geo: place}, "[" + shown + "]"},
		"a place of Telegram":   {domain.Post{Geo: place, Attachments: []domain.Attachment{{Type: "location"}}}, "[" + shown + "]"},
		"a place with a name":   {domain.Post{Geo: place, Attachments: []domain.Attachment{{Type: "venue", Name: "Парк"}}}, "[Парк  " + shown + "]"},
		"a photo of Telegram":   {domain.Post{Attachments: []domain.Attachment{{Type: "photo"}}}, "[фото ]"},
		"a photo of MAX":        {domain.Post{Attachments: []domain.Attachment{{Type: "image", URL: "https://i.oneme.ru/i?r=1"}}}, "[фото https://i.oneme.ru/i?r=1]"},
		"a file of MAX":         {domain.Post{Attachments: []domain.Attachment{{Type: "file", Name: "акт.pdf"}}}, "[акт.pdf ]"},
		"no address of the web": {domain.Post{Attachments: []domain.Attachment{{Type: "link", URL: "javascript:alert(1)"}}}, "[ссылка ]"},
	} {
		var got []string
		for _, a := range Attached(c.post) {
			got = append(got, a.Title()+" "+a.URL)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}
