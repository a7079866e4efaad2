package classify

import (
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/rules"
)

// ordinary is a complaint of common length, own words.
const ordinary = `Здравствуйте! Третью неделю не вывозят мусор с контейнерной площадки во дворе дома 14 ` +
	`по улице Карла Маркса. Баки переполнены, ветер разносит пакеты по детской площадке, бегают крысы. ` +
	`Звонили в управляющую компанию, там отвечают, что машина сломана. Уважаемая администрация, примите меры, ` +
	`дети гуляют среди отходов. Сколько можно ждать?`

func embeddedClassifier(t testing.TB, region string) *Classifier {
	t.Helper()
	pack, err := rules.LoadEmbedded(region)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compile(pack, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func BenchmarkJudge(b *testing.B) {
	c := embeddedClassifier(b, "khabarovsk")
	post := &domain.Post{Text: ordinary, Home: "khabarovsk-city"}
	b.ReportAllocs()
	for b.Loop() {
		c.Judge(post)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "texts/s")
}

func BenchmarkCompile(b *testing.B) {
	pack, err := rules.LoadEmbedded("khabarovsk")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := Compile(pack, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
