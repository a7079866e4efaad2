package inbox

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

func TestLimitOfACase(t *testing.T) {
	on := func(platforms ...domain.Platform) (posts []domain.CasePost) {
		for _, p := range platforms {
			posts = append(posts, domain.CasePost{Post: domain.Post{ID: domain.PostID{Platform: p}}})
		}
		return posts
	}
	for _, c := range []struct {
		posts []domain.CasePost
		want  limitView
	}{
		{nil, limitView{9000, "Не больше 9000 знаков.", false}},
		{on(domain.VK), limitView{9000, "Не больше 9000 знаков: столько берёт ВКонтакте.", false}},
		{on(domain.VK, domain.Telegram), limitView{4096, "Не больше 4096 знаков: столько берёт Telegram.", true}},
		{on(domain.Telegram, domain.MAX), limitView{4000, "Не больше 4000 знаков: столько берёт MAX.", false}},
	} {
		if got := limitOf(c.posts); got != c.want {
			t.Errorf("%+v, want %+v", got, c.want)
		}
	}
}
