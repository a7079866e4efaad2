package max

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
)

// MaxPhoto is the largest picture MAX takes (POST /uploads: 50 MB).
const MaxPhoto = 50 << 20

// Photo is an uploaded picture, as the upload answered.
type Photo struct {
	photos json.RawMessage // {"<key>": {"token": …}}
	token  string
}

func (p Photo) payload() map[string]any {
	if p.photos != nil {
		return map[string]any{"photos": p.photos}
	}
	return map[string]any{"token": p.token}
}

// UploadPhoto gives MAX a picture. A message with it may be refused for a while
// (attachment.not.ready: RetryLater).
func (c *Client) UploadPhoto(ctx context.Context, name string, picture []byte) (Photo, error) {
	const method = http.MethodPost + " " + pathUploads
	if len(picture) == 0 || len(picture) > MaxPhoto {
		return Photo{}, tooBad(method, "картинка пуста или больше 50 МБ", fmt.Sprintf("picture of %d bytes", len(picture)))
	}
	var point struct {
		URL string `json:"url"`
	}
	r := request{verb: http.MethodPost, path: pathUploads, query: url.Values{"type": {"image"}}}
	if err := c.call(ctx, r, &point); err != nil {
		return Photo{}, err
	}
	if u, err := url.Parse(point.URL); err != nil || u.Host == "" {
		return Photo{}, c.strange(r, http.StatusOK, errors.New("no address to upload to"))
	}
	body, kind, err := form(name, picture)
	if err != nil {
		return Photo{}, err
	}
	timed, cancel := context.WithTimeout(ctx, 5*c.timeout) // pictures are long
	defer cancel()
	req, err := http.NewRequestWithContext(timed, http.MethodPost, point.URL, body)
	if err != nil {
		return Photo{}, fmt.Errorf("build upload: %w", c.plain(err))
	}
	req.Header.Set("Content-Type", kind) // no token: it is another host, its address is the key
	var out struct {
		Photos json.RawMessage `json:"photos"`
		Token  string          `json:"token"`
	}
	if err := c.exchange(ctx, req, r, &out); err != nil {
		return Photo{}, err
	}
	if out.Photos == nil && out.Token == "" {
		return Photo{}, c.strange(r, http.StatusOK, errors.New("the upload gave no token"))
	}
	return Photo{photos: out.Photos, token: out.Token}, nil
}

func form(name string, picture []byte) (*bytes.Buffer, string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("data", name)
	if err == nil {
		_, err = part.Write(picture)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, "", fmt.Errorf("build upload: %w", err)
	}
	return &b, w.FormDataContentType(), nil
}
