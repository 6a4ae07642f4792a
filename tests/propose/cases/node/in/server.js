import express from 'express';

const app = express();
// The old one was '/livez'.
app.get('/health', (request, response) => response.send('ok'));
await fetch('/readyz');
app.listen(process.env.PORT);
