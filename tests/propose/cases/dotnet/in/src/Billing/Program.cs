var app = WebApplication.Create(args);
app.MapHealthChecks("/health");
app.Run();
