package inbox

import (
	"fmt"
	"slices"

	"github.com/otklik/otklik/desk/casework"
	"github.com/otklik/otklik/domain"
)

// limitView is how long an answer to a case may be: what the platform takes that
// takes least of those its authors wrote on.
type limitView struct {
	Most  int
	Words string
	UTF16 bool // counted as Telegram counts
}

func limitOf(posts []domain.CasePost) limitView {
	var platforms []domain.Platform
	for _, p := range posts {
		if !slices.Contains(platforms, p.Post.ID.Platform) {
			platforms = append(platforms, p.Post.ID.Platform)
		}
	}
	least, most := domain.LeastLimit(platforms)
	v := limitView{Most: most, Words: fmt.Sprintf("Не больше %d знаков.", most), UTF16: least == domain.Telegram}
	if least != "" {
		v.Words = fmt.Sprintf("Не больше %d знаков: столько берёт %s.", most, casework.PlatformTitle(least))
	}
	return v
}
