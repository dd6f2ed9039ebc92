"""The few HTML pages: server-rendered, without JavaScript, with nothing from elsewhere. GET shows, POST acts."""
