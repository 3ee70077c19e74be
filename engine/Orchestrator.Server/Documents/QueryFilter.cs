using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Server.Problems;

namespace Orchestrator.Server.Documents;

/// <summary>Refuses parameters that nobody reads: a filter that is misspelt must not answer everything.</summary>
internal static class QueryFilter
{
    private static readonly Type[] Plain = [typeof(string), typeof(string[]), typeof(int?), typeof(long?), typeof(bool?), typeof(DateTimeOffset?)];

    public static EndpointFilterDelegate Create(EndpointFilterFactoryContext endpoint, EndpointFilterDelegate next)
    {
        string[] known = [.. endpoint.MethodInfo.GetParameters().Where(IsOfQuery).Select(parameter => parameter.Name ?? "")];
        return invocation =>
        {
            var http = invocation.HttpContext;
            var path = (http.GetEndpoint() as RouteEndpoint)?.RoutePattern;
            foreach (var name in http.Request.Query.Keys)
            {
                if (!known.Contains(name, StringComparer.OrdinalIgnoreCase) || path?.GetParameter(name) is not null)
                {
                    throw ServerErrors.UnknownParameter(name, known.Where(one => path?.GetParameter(one) is null));
                }
            }

            return next(invocation);
        };
    }

    private static bool IsOfQuery(ParameterInfo parameter) => Plain.Contains(parameter.ParameterType) && parameter.GetCustomAttribute<Microsoft.AspNetCore.Mvc.FromHeaderAttribute>() is null;
}
